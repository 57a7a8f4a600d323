//! The recovery sheet.

use super::words::RecoveryWords;
use super::{Refusal, Vault};

impl Vault {
    /// Whether these words open this centre. Reads nothing else.
    pub fn recovery_opens(&self, words: &RecoveryWords) -> Result<bool, Refusal> {
        Ok(self.key_file()?.0.open_recovery(words).is_some())
    }
}
