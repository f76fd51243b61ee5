//! lockflight-contract.
