//! Gives a new version of a model its traffic in steps, as long as its figures hold.
