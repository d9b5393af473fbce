//! What two articles have in common, kind by kind, and the one number that the content signal makes of it.

/// The kinds of likeness, each with what it counts. The weights add up to 1.
pub(super) const WEIGHTS: Likeness<f32> = Likeness {
    text: 0.31,
    subject: 0.05,
    summary: 0.06,
    topics: 0.07,
    title: 0.13,
    semantic: 0.18,
    address: 0.14,
    names: 0.03,
    named: 0.03,
};

/// Calibration of each kind, `x / (x + k)`; 0 leaves the value as it is.
const CALIBRATIONS: Likeness<f32> = Likeness {
    text: 0.25,
    subject: 0.25,
    summary: 0.25,
    topics: 0.5,
    title: 0.25,
    semantic: 0.5,
    address: 0.0,
    names: 0.0,
    named: 0.0,
};

/// One value for each kind of likeness; raw ones lie between 0 and 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Likeness<T> {
    /// Cosine of the whole texts.
    pub text: T,
    /// Cosine of what the articles say they are about: title, topic and tags, summary.
    pub subject: T,
    /// Cosine of the authors' summaries.
    pub summary: T,
    /// Cosine of topic and tags.
    pub topics: T,
    /// Cosine of the titles' character 3- and 4-grams.
    pub title: T,
    /// Cosine of the latent vectors.
    pub semantic: T,
    /// Common section of the site.
    pub address: T,
    /// The host's text names the candidate's title.
    pub names: T,
    /// The candidate's text names the host's title.
    pub named: T,
}

/// The weights on a site that is too small to learn latent vectors from: that kind leaves its weight to the others.
pub(super) const WEIGHTS_WITHOUT_SEMANTIC: Likeness<f32> = {
    let rest = 1.0 - WEIGHTS.semantic;
    Likeness {
        text: WEIGHTS.text / rest,
        subject: WEIGHTS.subject / rest,
        summary: WEIGHTS.summary / rest,
        topics: WEIGHTS.topics / rest,
        title: WEIGHTS.title / rest,
        semantic: 0.0,
        address: WEIGHTS.address / rest,
        names: WEIGHTS.names / rest,
        named: WEIGHTS.named / rest,
    }
};

impl Likeness<f32> {
    /// What each kind gives to the value under `weights`, in units of the value.
    pub fn parts(&self, weights: &Self) -> Self {
        let part = |raw: f32, k: f32, weight: f32| {
            let calibrated = if k > 0.0 { raw / (raw + k) } else { raw };
            weight * calibrated
        };
        let (k, w) = (CALIBRATIONS, weights);
        Self {
            text: part(self.text, k.text, w.text),
            subject: part(self.subject, k.subject, w.subject),
            summary: part(self.summary, k.summary, w.summary),
            topics: part(self.topics, k.topics, w.topics),
            title: part(self.title, k.title, w.title),
            semantic: part(self.semantic, k.semantic, w.semantic),
            address: part(self.address, k.address, w.address),
            names: part(self.names, k.names, w.names),
            named: part(self.named, k.named, w.named),
        }
    }

    /// The value on a site that is large enough for latent vectors, or is not.
    pub fn of_site(&self, has_vectors: bool) -> f32 {
        match has_vectors {
            true => self.value(&WEIGHTS),
            false => self.value(&WEIGHTS_WITHOUT_SEMANTIC),
        }
    }

    /// What it is to the other of the two articles.
    #[must_use]
    pub fn turned(&self) -> Self {
        Self {
            names: self.named,
            named: self.names,
            ..*self
        }
    }

    /// The value of the content signal, 0 to 1: the sum of the parts, in the order of the fields.
    pub fn value(&self, weights: &Self) -> f32 {
        self.parts(weights).sum()
    }

    fn sum(&self) -> f32 {
        self.text
            + self.subject
            + self.summary
            + self.topics
            + self.title
            + self.semantic
            + self.address
            + self.names
            + self.named
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_add_up_to_one_and_more_of_anything_counts_more() {
        let more: [fn(&mut Likeness<f32>); 9] = [
            |likeness| likeness.text = 0.5,
            |likeness| likeness.subject = 0.5,
            |likeness| likeness.summary = 0.5,
            |likeness| likeness.topics = 0.5,
            |likeness| likeness.title = 0.5,
            |likeness| likeness.address = 0.5,
            |likeness| likeness.names = 0.5,
            |likeness| likeness.named = 0.5,
            |likeness| likeness.semantic = 0.5,
        ];
        for weights in [WEIGHTS, WEIGHTS_WITHOUT_SEMANTIC] {
            assert!((weights.sum() - 1.0).abs() < 1e-6);
            let mut likeness = Likeness::default();
            assert_eq!(likeness.value(&weights), 0.0);
            for raise in more {
                let before = likeness.value(&weights);
                raise(&mut likeness);
                let raised = likeness.value(&weights) > before;
                assert!(raised || likeness.semantic > 0.0 && weights.semantic == 0.0);
            }
            assert!(likeness.value(&weights) <= 1.0);
        }
    }
}
