//! Python.

use super::{BuildError, Made, Order};

pub(super) fn build(order: &Order<'_>, _module: &str) -> Result<Made, BuildError> {
    let message = "this version of lockflight does not build python".into();
    Err(BuildError::Product {
        folder: order.folder.to_owned(),
        message,
    })
}
