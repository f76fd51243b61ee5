//! OpenLineage events of runs, written to a file or sent to a collector.
