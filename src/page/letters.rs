//! How far two words are apart, by their letters: what was perhaps meant.

/// How many letters have to be changed, added, left out or swapped with their neighbour to make one word of the other (the distance of
/// Damerau and Levenshtein, in which no letter is changed twice). Case does not count. Takes the product of both lengths.
pub(crate) fn letters_apart(one: &str, other: &str) -> usize {
    let one: Vec<char> = one.chars().flat_map(char::to_lowercase).collect();
    let other: Vec<char> = other.chars().flat_map(char::to_lowercase).collect();
    let mut earlier = vec![0; other.len() + 1];
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in other.iter().enumerate() {
            let mut least = (last[j] + usize::from(a != b)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == other[j - 1] && one[i - 1] == *b {
                least = least.min(earlier[j - 1] + 1);
            }
            row.push(least);
        }
        earlier = std::mem::replace(&mut last, row);
    }
    last[other.len()]
}

#[cfg(test)]
mod tests {
    use super::letters_apart;

    #[test]
    fn letters_are_changed_added_left_out_or_swapped() {
        for (one, other, apart) in [
            ("", "", 0),
            ("", "abc", 3),
            ("Given", "gvien", 1),
            ("deposit", "depsit", 1),
            ("when", "Them", 2),
            ("ä", "Ä", 0),
        ] {
            assert_eq!(letters_apart(one, other), apart, "{one} {other}");
            assert_eq!(letters_apart(other, one), apart, "{other} {one}");
        }
    }
}
