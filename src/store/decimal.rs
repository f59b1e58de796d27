//! Numbers as decimal digits, without the machinery of formatting: every event that is recorded has several.

/// Room for the digits of any number.
pub(crate) type Room = [u8; 20];

pub(crate) const ROOM: Room = [0; 20];

/// The digits of a number, at the end of the room.
pub(crate) fn decimal(mut number: u64, room: &mut Room) -> &[u8] {
    let mut at = room.len();
    loop {
        at -= 1;
        room[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            return &room[at..];
        }
    }
}

#[test]
fn digits_are_those_of_formatting() {
    for number in [0, 1, 9, 10, 99, 100, 12_345, u64::from(u32::MAX), u64::MAX - 1, u64::MAX] {
        assert_eq!(decimal(number, &mut ROOM.clone()), number.to_string().as_bytes());
    }
}
