//! Has the system's disk service unmount a stick, as its file manager would: pulled out after that,
//! nothing on it is half-written and no repair is asked for.

use std::collections::HashMap;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use zbus::blocking::{Connection, Proxy};
use zbus::zvariant::{OwnedObjectPath, Value};

const NAME: &str = "org.freedesktop.UDisks2";
const MANAGER: &str = "/org/freedesktop/UDisks2/Manager";

/// Whether it is unmounted now; `false` where no such drive is known to the service, an error where
/// there is no service or the drive is in use.
pub fn unmount(drive: &Path) -> zbus::Result<bool> {
    let bus = Connection::system()?;
    let manager = Proxy::new(&bus, NAME, MANAGER, "org.freedesktop.UDisks2.Manager")?;
    let nothing: HashMap<&str, Value<'_>> = HashMap::new();
    let devices: Vec<OwnedObjectPath> = manager.call("GetBlockDevices", &(&nothing,))?;
    for device in devices {
        let files = Proxy::new(&bus, NAME, device, "org.freedesktop.UDisks2.Filesystem")?;
        // A device without a file system has no such property.
        let places: Vec<Vec<u8>> = files.get_property("MountPoints").unwrap_or_default();
        if places.iter().any(|place| is(place, drive)) {
            let () = files.call("Unmount", &(&nothing,))?;
            return Ok(true);
        }
    }
    Ok(false)
}

/// The service ends a path with a zero byte.
fn is(place: &[u8], drive: &Path) -> bool {
    place.strip_suffix(&[0]).unwrap_or(place) == drive.as_os_str().as_bytes()
}
