

   Feature:   cinema   

Ability to book seats: described elsewhere, with 10 % off on Mondays.
* seats are numbered
- rows too

     Scenario:seat taken
        Given   booked, seat "A  1"
        When book, seat "A  1", note "a | b # c @ d <e>"
        Then it is refused: taken



  Scenario:
    When book, seat "Ä 2"
    Then booked, seat "Ä 2"
# the end
