# Two stages: the first has the compiler, the second only the binary.

FROM rust:1.95-slim-bookworm AS builder

# OpenSSL and libpq are built from source, so a C compiler, make and perl are all that is needed.
# Debian keeps only the newest patch of a package, so a pinned version would break the build soon.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends gcc libc6-dev make perl \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /build
COPY . .
RUN cargo build --release --locked


FROM debian:bookworm-slim

LABEL org.opencontainers.image.title="Answerable" \
      org.opencontainers.image.description="A headless JSON API for public oversight" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"

# A number, so that an orchestrator can see without a look into the image that this is not root.
RUN groupadd --gid 10001 answerable \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin answerable \
    && install --directory --owner=10001 --group=10001 --mode=0750 /data

COPY --from=builder /build/target/release/answerable /usr/local/bin/answerable

ENV ANSWERABLE_LISTEN=0.0.0.0:8080 \
    ANSWERABLE_DATABASE=sqlite:/data/answerable.db

USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080

HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 CMD ["answerable", "doctor", "--server"]

ENTRYPOINT ["answerable"]
CMD ["serve"]
