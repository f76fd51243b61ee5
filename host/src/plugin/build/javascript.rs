//! JavaScript.

use super::{BuildError, Made, Order};
use std::path::Path;

pub(super) fn build(order: &Order<'_>, _main: &Path) -> Result<Made, BuildError> {
    let message = "this version of lockflight does not build javascript".into();
    Err(BuildError::Product {
        folder: order.folder.to_owned(),
        message,
    })
}
