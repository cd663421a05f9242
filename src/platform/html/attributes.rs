//! Counts the attributes of elements, without knowing where tags begin.

/// Where in a tag, as in section 13.2.5 of the HTML standard.
#[derive(Clone, Copy)]
enum Place {
    TagName,
    /// Where the name of an attribute can begin.
    BeforeName,
    Name,
    AfterName,
    BeforeValue,
    Unquoted,
    DoubleQuoted,
    SingleQuoted,
}

const PLACES: [Place; 8] = [
    Place::TagName,
    Place::BeforeName,
    Place::Name,
    Place::AfterName,
    Place::BeforeValue,
    Place::Unquoted,
    Place::DoubleQuoted,
    Place::SingleQuoted,
];

impl Place {
    /// The place after a byte; `None` after the tag.
    fn after(self, byte: u8) -> Option<Self> {
        let is_space = byte.is_ascii_whitespace();
        Some(match (self, byte) {
            (Self::DoubleQuoted, b'"') | (Self::SingleQuoted, b'\'') => Self::BeforeName,
            (Self::DoubleQuoted | Self::SingleQuoted, _) => self,
            (_, b'>') => return None,
            (Self::BeforeValue, b'"') => Self::DoubleQuoted,
            (Self::BeforeValue, b'\'') => Self::SingleQuoted,
            (Self::BeforeValue, _) if is_space => self,
            (Self::BeforeValue | Self::Unquoted, _) if !is_space => Self::Unquoted,
            (Self::Name | Self::AfterName, b'=') => Self::BeforeValue,
            (Self::Name | Self::AfterName, _) if is_space => Self::AfterName,
            (_, b'/') => Self::BeforeName,
            _ if is_space => Self::BeforeName,
            (Self::TagName, _) => self,
            _ => Self::Name,
        })
    }
}

/// An upper bound of the number of attributes of one element. Whether a `<` begins a tag depends on what is open there.
/// Here it does and does not: of all ways to read the text, the one with the most attributes counts.
pub fn most_attributes(html: &str) -> usize {
    // the places where this may be, as bits, and the number of attributes so far for each
    let (mut places, mut counts) = (0_u8, [0_usize; PLACES.len()]);
    let (mut most, mut last) = (0, [b' '; 2]);
    for byte in html.bytes() {
        if places != 0 {
            let (mut before, before_counts) = (places, counts);
            (places, counts) = (0, [0; PLACES.len()]);
            while before != 0 {
                let index = before.trailing_zeros() as usize;
                before &= before - 1;
                let (place, count) = (PLACES[index], before_counts[index]);
                let Some(next) = place.after(byte) else {
                    continue;
                };
                let begins = matches!(place, Place::BeforeName | Place::AfterName)
                    && matches!(next, Place::Name);
                let count = count + usize::from(begins);
                most = most.max(count);
                places |= 1 << next as u8;
                counts[next as usize] = counts[next as usize].max(count);
            }
        }
        if byte.is_ascii_alphabetic() && (last[1] == b'<' || last == *b"</") {
            places |= 1 << Place::TagName as u8;
        }
        last = [last[1], byte];
    }
    most
}
