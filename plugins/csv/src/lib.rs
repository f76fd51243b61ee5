//! lockflight-csv.
