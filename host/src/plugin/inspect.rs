//! `plugin inspect`.
