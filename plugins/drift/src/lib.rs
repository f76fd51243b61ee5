//! Tells whether the columns of a window are distributed as those of a reference.
