//! Words for the values of a type.

use super::read::read_value;
use super::words::{ValueWords, Words};
use serde::Serialize;
use serde::de::DeserializeOwned;

impl Words {
    /// Says the values of a type as people do, such as a key by a name or a time by a day of the week, and reads them back.
    ///
    /// A text is used only where it reads back as the same value, is none that the plain rule reads, and has no comma, quotation mark,
    /// parenthesis or "and" in it; otherwise the value is said by the plain rule.
    ///
    /// ```
    /// use leftfold::message::{self, Words};
    /// use serde::{Deserialize, Serialize};
    ///
    /// #[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
    /// struct PatientId(u32);
    /// #[derive(PartialEq, Debug, Serialize, Deserialize)]
    /// struct Admitted { patient: PatientId }
    ///
    /// let words = Words::default().value(
    ///     |patient: &PatientId| (patient.0 == 1).then(|| "Ada".to_string()),
    ///     |text| (text == "Ada").then_some(PatientId(1)),
    /// );
    /// let ada = Admitted { patient: PatientId(1) };
    /// assert_eq!(message::say(&ada, &words), "admitted, patient Ada");
    /// assert_eq!(message::read::<Admitted>("admitted, patient Ada", &words)?, ada);
    /// assert_eq!(message::say(&Admitted { patient: PatientId(2) }, &words), "admitted, patient 2");
    /// # Ok::<(), message::Misread>(())
    /// ```
    #[must_use]
    pub fn value<T: Serialize + DeserializeOwned>(
        self,
        say: impl Fn(&T) -> Option<String> + Send + Sync + 'static,
        read: impl Fn(&str) -> Option<T> + Send + Sync + 'static,
    ) -> Words {
        self.with_values(ValueWords::new(say, read, is_plain::<T>))
    }
}

/// Whether the plain rule reads a text as a value of this type, or as several.
fn is_plain<T: Serialize + DeserializeOwned>(text: &str) -> bool {
    match read_value::<T>(text, &Words::default()) {
        Ok(_) => true,
        Err(fault) => fault.readings().is_some(),
    }
}
