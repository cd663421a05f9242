// The settings, from the environment.

/** Where the API is. */
export const API = process.env.API_URL ?? "http://127.0.0.1:8080";

/** The address and port to listen on. */
export const HOST = process.env.HOST ?? "127.0.0.1";
export const PORT = Number(process.env.PORT ?? 3000);

/** Where readers find this site. Not taken from the request's `Host`, which anybody can make up. */
export const SITE = process.env.SITE_URL ?? `http://127.0.0.1:${PORT}`;
