//! What a run tells a CI system: JUnit XML, a summary in Markdown, annotations, outputs.
