//! lockflight-sdk.
