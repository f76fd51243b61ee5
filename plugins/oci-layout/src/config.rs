//! The stage's config: what people want to know of a model and no stage can tell.
use lockflight_sdk::{Problem, Problems};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::input::Model;

/// What is said of the model beside what it is.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Config {
    /// The model's name for people; that of its train stage without it.
    pub name: Option<String>,
    /// What it is for, in a sentence or two.
    pub description: Option<String>,
    /// Who made it: names or addresses.
    pub authors: Vec<String>,
    /// The company or team behind it.
    pub vendor: Option<String>,
    /// Licences, as SPDX identifiers.
    pub licenses: Vec<String>,
    /// Where its source is.
    pub source_url: Option<String>,
    /// Where its documentation is.
    pub doc_url: Option<String>,
    /// What it must not be used for, and where it is known to fail: a section of the model card.
    pub limitations: Option<String>,
}

impl Config {
    /// The model's name for people.
    pub(crate) fn name<'a>(&'a self, model: &'a Model) -> &'a str {
        self.name.as_deref().unwrap_or(&model.name)
    }

    /// What is wrong with the config.
    pub fn problems(&self) -> Problems {
        let mut problems = Problems::new();
        let texts = [
            ("/name", &self.name),
            ("/description", &self.description),
            ("/vendor", &self.vendor),
            ("/source-url", &self.source_url),
            ("/doc-url", &self.doc_url),
            ("/limitations", &self.limitations),
        ];
        for (place, text) in texts {
            if text.as_ref().is_some_and(|text| text.trim().is_empty()) {
                let message = "this is empty: leave the key out, or say something";
                problems.push(Problem::config(place, message));
            }
        }
        for (place, list) in [("authors", &self.authors), ("licenses", &self.licenses)] {
            for (index, text) in list.iter().enumerate() {
                if text.trim().is_empty() {
                    let message = "an entry is empty";
                    problems.push(Problem::config(format!("/{place}/{index}"), message));
                }
            }
        }
        problems
    }
}
