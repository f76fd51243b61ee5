//! Packs a model as layers of an OCI artifact in the format of CNCF ModelPack.
