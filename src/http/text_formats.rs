//! The formats of text parameters. A name has one meaning on every path, so one table serves both request validation
//! and the patterns in the OpenAPI document.

use serde_json::Value;

use super::problem::Mistake;
use crate::platform::language::Language;
use crate::platform::mistakes::MistakeCode;
use crate::platform::wording;

/// The maximum number of values of a parameter.
pub fn max_values(parameter: &str) -> usize {
    match parameter {
        "id" => 100,
        _ => 50,
    }
}

/// The format of a text.
pub struct TextFormat {
    /// The format as a regular expression (ECMA-262), for the OpenAPI document.
    pub pattern: &'static str,
    /// The maximum number of characters.
    pub max_length: usize,
    /// The code of a value that has another format.
    code: MistakeCode,
    /// What is expected, for error messages.
    expected: &'static str,
    is_allowed: fn(char) -> bool,
}

const RECORD: TextFormat = TextFormat {
    pattern: "^[A-Za-z0-9_-]+$",
    max_length: 150,
    code: MistakeCode::NotASlug,
    expected: "an id or a slug: letters, digits, '-' and '_', at most 150 characters",
    is_allowed: |c| c.is_ascii_alphanumeric() || c == '-' || c == '_',
};
const TOKEN: TextFormat = TextFormat {
    pattern: "^[a-z0-9_.-]+$",
    max_length: 60,
    code: MistakeCode::InvalidValue,
    expected: "lower-case letters, digits, '_', '.' or '-', at most 60 characters",
    is_allowed: |c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_.-".contains(c),
};
const LANGUAGE: TextFormat = TextFormat {
    pattern: "^[A-Za-z0-9-]+$",
    max_length: 35,
    code: MistakeCode::NotALanguage,
    expected: "a registered language tag such as 'en' or 'cy' (BCP 47)",
    is_allowed: |c| c.is_ascii_alphanumeric() || c == '-',
};
const TEXT: TextFormat = TextFormat {
    pattern: r"^[^\u0000-\u001F\u007F-\u009F]+$",
    max_length: 2_000,
    code: MistakeCode::InvalidValue,
    expected: "a text of at most 2,000 characters",
    is_allowed: |c| !c.is_control(),
};
const NAME: TextFormat = TextFormat {
    max_length: 300,
    expected: "a text of at most 300 characters",
    ..TEXT
};
const AS_OF: TextFormat = TextFormat {
    pattern: r"^\d{4}-\d{2}-\d{2}(T[0-9:.]{5,18}(Z|[+-]\d{2}:\d{2}))?$",
    max_length: 35,
    code: MistakeCode::NotATime,
    expected: "a day such as 2025-01-31, or a time such as 2025-01-31T09:00:00Z",
    is_allowed: |c| c.is_ascii_digit() || "-:.+TZtz".contains(c),
};
const YEAR: TextFormat = TextFormat {
    pattern: r"^\d{4}$",
    max_length: 4,
    code: MistakeCode::NotATime,
    expected: "a year such as 2025",
    is_allowed: |c| c.is_ascii_digit(),
};
const MONTH: TextFormat = TextFormat {
    pattern: r"^\d{4}-\d{2}$",
    max_length: 7,
    code: MistakeCode::NotATime,
    expected: "a month such as 2025-01",
    is_allowed: |c| c.is_ascii_digit() || c == '-',
};
const CURSOR: TextFormat = TextFormat {
    pattern: "^[A-Za-z0-9_-]+$",
    max_length: super::cursor::MAX_LENGTH,
    ..TEXT
};

const UUID: TextFormat = TextFormat {
    pattern: "^[0-9A-Fa-f-]{36}$",
    max_length: 36,
    code: MistakeCode::NotAnId,
    expected: "the id of a record, such as 01890a5d-ac96-774b-bcce-b302099a8057",
    is_allowed: |c| c.is_ascii_hexdigit() || c == '-',
};

/// The format of a parameter's values, in a path or a query.
pub fn of(parameter: &str) -> &'static TextFormat {
    match parameter {
        "id" | "delivery_id" | "organisation" | "topic" | "every_topic" | "report"
        | "recommendation" | "group" | "member" | "parent" | "responder" | "author"
        | "assessor" | "merged_into" | "publisher" | "complainant_body" => &RECORD,
        "slug" | "kind" | "theme" => &TOKEN,
        "language" | "lang" => &LANGUAGE,
        "name" | "identifier" | "reference" => &NAME,
        "as_of" => &AS_OF,
        "year" => &YEAR,
        "month" => &MONTH,
        "cursor" => &CURSOR,
        "after" => &UUID,
        _ => &TEXT,
    }
}

/// What is wrong with a value, if anything. Cursors are verified separately.
pub fn mistake(parameter: &str, value: &str) -> Option<Mistake> {
    let form = of(parameter);
    let is_short = value.chars().count() <= form.max_length;
    let is_valid = match parameter {
        "cursor" => true,
        "language" | "lang" => Language::registered(value).is_some(),
        "year" => is_month(&format!("{value}-01")),
        "month" => is_month(value),
        _ => is_short && value.chars().all(form.is_allowed),
    };
    if is_valid {
        return None;
    }
    if !is_short {
        let detail = format!("At most {} characters are allowed.", form.max_length);
        return Some(Mistake::parameter(MistakeCode::TooLong, parameter, detail));
    }
    let shown = wording::shown(&Value::from(value));
    let detail = format!("Expected {}, not {shown}.", form.expected);
    Some(Mistake::parameter(form.code, parameter, detail))
}

fn is_month(text: &str) -> bool {
    let is_form =
        text.len() == 7 && text.chars().all(MONTH.is_allowed) && !text.starts_with("0000");
    is_form && format!("{text}-01").parse::<chrono::NaiveDate>().is_ok()
}
