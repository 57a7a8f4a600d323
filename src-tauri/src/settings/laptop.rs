//! What the centre's people should know of the laptop itself: told at set-up, and to the manager
//! as long as it is so.

use crate::web::{Call, Ctx, Swap};

/// That what lies in memory can be read on the disk, and what to do; nothing where that is not so,
/// or not known.
pub struct SwapNotice {
    pub title: String,
    pub text: String,
}

impl SwapNotice {
    pub fn of(call: &Call, c: &Ctx) -> Option<Self> {
        let text = match call.app.outside.swap() {
            Swap::NotKnown | Swap::Closed => return None,
            Swap::Readable => "settings.swap.readable",
            Swap::Hibernates => "settings.swap.hibernates",
        };
        Some(Self {
            title: c.t("settings.swap.title"),
            text: c.t(text),
        })
    }
}
