//! Text as people type it: limits, controls, digits of other scripts.

/// Why a text was not taken. The message is a locale key; `limit` goes into it.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum Refused {
    #[error("shared.refusal.required")]
    Empty,
    #[error("shared.refusal.too_long")]
    TooLong { limit: usize },
    #[error("shared.refusal.control")]
    Control,
    #[error("shared.refusal.letters")]
    NoLetters,
}

/// `typed` without spaces around it, if it has at most `limit` characters and no control
/// characters. An empty text is `None`.
pub fn optional(typed: &str, limit: usize) -> Result<Option<String>, Refused> {
    line(typed, limit, |c| c.is_control())
}

/// As [`optional`], but something must be there.
pub fn required(typed: &str, limit: usize) -> Result<String, Refused> {
    optional(typed, limit)?.ok_or(Refused::Empty)
}

/// As [`required`], for what somebody is called: there are letters in it.
pub fn called(typed: &str, limit: usize) -> Result<String, Refused> {
    let name = required(typed, limit)?;
    let letters = name.chars().any(char::is_alphabetic);
    letters.then_some(name).ok_or(Refused::NoLetters)
}

/// A text of several lines, at most `limit` characters.
pub fn lines(typed: &str, limit: usize) -> Result<Option<String>, Refused> {
    let typed = typed.replace("\r\n", "\n");
    line(&typed, limit, |c| c.is_control() && c != '\n' && c != '\t')
}

/// As [`lines`], where something must be said.
pub fn some_lines(typed: &str, limit: usize) -> Result<String, Refused> {
    lines(typed, limit)?.ok_or(Refused::Empty)
}

fn line(
    typed: &str,
    limit: usize,
    forbidden: impl Fn(char) -> bool,
) -> Result<Option<String>, Refused> {
    let seen: String = typed.chars().filter(|c| !is_unseen(*c)).collect();
    let typed = seen.trim();
    if typed.chars().count() > limit {
        return Err(Refused::TooLong { limit });
    }
    if typed.chars().any(forbidden) {
        return Err(Refused::Control);
    }
    Ok((!typed.is_empty()).then(|| typed.to_owned()))
}

/// Whether it is a mark that nobody sees: it turns the direction of what follows (Unicode UAX 9, 2),
/// or makes two names of one (Default_Ignorable_Code_Point of Unicode 16). The joiners stay:
/// Persian, Sinhala and the Indian scripts are written with them. So do the signs that choose how
/// a letter before them looks.
pub fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{17b4}'
            | '\u{17b5}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fff8}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Arabic-Indic, Eastern Arabic, Devanagari, Bengali, Tamil and full-width digits as 0–9; the
/// rest as it is. People type numbers on the keyboard they have.
pub fn western_digits(text: &str) -> String {
    text.chars().map(western_digit).collect()
}

fn western_digit(c: char) -> char {
    const ZEROS: [char; 6] = [
        '\u{660}', '\u{6F0}', '\u{966}', '\u{9E6}', '\u{BE6}', '\u{FF10}',
    ];
    ZEROS
        .into_iter()
        .find_map(|zero| {
            let value = u32::from(c).checked_sub(u32::from(zero))?;
            char::from_digit(value, 10)
        })
        .unwrap_or(c)
}

/// As words are looked for: lower case, Arabic letters that are written in several ways as one,
/// no vowel signs, digits as 0–9.
pub fn folded(words: &str) -> String {
    western_digits(words)
        .to_lowercase()
        .chars()
        .filter(|c| !matches!(c, '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}'))
        .map(|c| match c {
            'أ' | 'إ' | 'آ' | 'ٱ' => 'ا',
            'ى' => 'ي',
            'ة' => 'ه',
            other => other,
        })
        .collect()
}
