//! lockflight-sdk-macros.
