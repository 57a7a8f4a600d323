//! What a form sent, and a field as a template shows it.

/// Names and values as sent, in order.
pub struct Sent(pub(super) Vec<(String, String)>);

impl Sent {
    /// The first value of that name; empty where none was sent.
    pub fn get(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(sent, _)| sent == name)
            .map_or("", |(_, value)| value)
    }
}

/// A field with what was typed and, if refused, why (already translated).
pub struct Field {
    pub name: &'static str,
    pub value: String,
    pub error: Option<String>,
    /// Characters.
    pub limit: usize,
}

impl Field {
    pub fn new(name: &'static str, limit: usize) -> Self {
        Self {
            name,
            value: String::new(),
            error: None,
            limit,
        }
    }

    pub fn typed(self, value: &str) -> Self {
        Self {
            value: value.to_owned(),
            ..self
        }
    }

    pub fn wrong(&mut self, why: String) {
        self.error = Some(why);
    }
}
