Feature: contract

  Scenario: a row about a new shop adds it
    When customer 7: import basic customer data, name "Petra Moden", street "Hauptstrasse 1", postcode "60311", city "Frankfurt", segment boutique
    Then customer 7: shop added, name "Petra Moden", street "Hauptstrasse 1", postcode "60311", city "Frankfurt", segment boutique

  Scenario: a row that says something new updates the shop
    Given customer 7: shop added, name "Petra Moden", street "Hauptstrasse 1", postcode "60311", city "Frankfurt", segment boutique
    When customer 7: import basic customer data, name "Petra Moden", street "Zeil 12", postcode "60311", city "Frankfurt", segment boutique
    Then customer 7: shop updated basic (name "Petra Moden", street "Zeil 12", postcode "60311", city "Frankfurt", segment boutique)

  Scenario: a row that says what is known records nothing
    Given customer 7: shop added, name "Petra Moden", street "Hauptstrasse 1", postcode "60311", city "Frankfurt", segment boutique
    When customer 7: import basic customer data, name "Petra Moden", street "Hauptstrasse 1", postcode "60311", city "Frankfurt", segment boutique
    Then nothing happens

  Scenario: where the invoices go is an update of the shop
    Given customer 7: shop added, name "Petra Moden", street "Hauptstrasse 1", postcode "60311", city "Frankfurt", segment boutique
    When customer 7: import digital invoice data, email "rechnung@petra-moden.example", format pdf
    Then customer 7: shop updated invoice (email "rechnung@petra-moden.example", format pdf)
    When customer 7: import digital invoice data, email "rechnung@petra-moden.example", format pdf
    Then nothing happens

  Scenario: what the sales department keeps is an update too
    Given customer 7: shop added, name "Petra Moden", street "Hauptstrasse 1", postcode "60311", city "Frankfurt", segment boutique
    When customer 7: import customer deskware data, account manager "Alex", sales area 120, turnover 90000
    Then customer 7: shop updated deskware (account manager "Alex", sales area 120, turnover 90000)
    When customer 7: import customer deskware data, account manager "Alex", sales area 120, turnover 90000
    Then nothing happens

  Scenario: a shop has a name
    When customer 7: import basic customer data, name " ", street "Hauptstrasse 1", postcode "60311", city "Frankfurt", segment boutique
    Then it is refused: name missing

  Scenario: invoices go to an address of e-mail
    Given customer 7: shop added, name "Petra Moden", street "Hauptstrasse 1", postcode "60311", city "Frankfurt", segment boutique
    When customer 7: import digital invoice data, email "petra", format pdf
    Then it is refused: not an address, email "petra"

  Scenario: nothing more is taken over of a shop that nobody knows
    When customer 7: import digital invoice data, email "rechnung@petra-moden.example", format pdf
    Then it is refused: unknown shop

  Scenario: a rejection is noted, also of a shop that comes with the next export
    When customer 7: note rejection, contract 1, reason "too little is planned"
    Then customer 7: rejection noted, contract 1, reason "too little is planned"
    When customer 7: note rejection, contract 1, reason "too little is planned"
    Then nothing happens

  Scenario: a negotiation begins with an appointment
    When contract 1: make appointment, customer 7, on "2026-12-01"
    Then contract 1: appointment made, customer 7, on "2026-12-01"

  Scenario: special conditions are requested, and the customer service has a mail at once
    Given contract 1: appointment made, customer 7, on "2026-12-01"
    When contract 1: request special conditions, account manager "Alex", sales area 120, planned sales 80000
    Then contract 1: special conditions requested, account manager "Alex", sales area 120, planned sales 80000
    And mail 1: mail sent, letter request

  Scenario: what the supervisor accepts goes to the signing service
    Given contract 1: appointment made, customer 7, on "2026-12-01"
    And contract 1: special conditions requested, account manager "Alex", sales area 120, planned sales 80000
    And mail 1: mail sent, letter request
    When contract 1: accept conditions, supervisor "Ruth"
    Then contract 1: conditions accepted, supervisor "Ruth"
    And signing 1: signing requested
    And contract 1: sent to signing service

  Scenario: what the supervisor rejects is mailed, and noted with the customer
    Given contract 1: appointment made, customer 7, on "2026-12-01"
    And contract 1: special conditions requested, account manager "Alex", sales area 120, planned sales 80000
    And mail 1: mail sent, letter request
    When contract 1: reject conditions, supervisor "Ruth", reason "too little is planned"
    Then contract 1: conditions rejected, supervisor "Ruth", reason "too little is planned"
    And mail 1: mail sent, letter rejection
    And customer 7: rejection noted, contract 1, reason "too little is planned"

  Scenario: an appointment can be moved to another day
    Given contract 1: appointment made, customer 7, on "2026-12-01"
    When contract 1: make appointment, customer 7, on "2026-12-03"
    Then contract 1: appointment moved, on "2026-12-03"

  Scenario: and moved once more
    Given contract 1: appointment made, customer 7, on "2026-12-01"
    When contract 1: make appointment, customer 7, on "2026-12-03"
    Then contract 1: appointment moved, on "2026-12-03"
    When contract 1: make appointment, customer 7, on "2026-12-01"
    Then contract 1: appointment moved, on "2026-12-01"

  Scenario: whoever negotiates may give it up
    Given contract 1: appointment made, customer 7, on "2026-12-01"
    When contract 1: abandon negotiation, reason "closed for good"
    Then contract 1: negotiation abandoned, reason "closed for good"

  Scenario: a letter is sent once
    Given contract 1: appointment made, customer 7, on "2026-12-01"
    And contract 1: special conditions requested, account manager "Alex", sales area 120, planned sales 80000
    And mail 1: mail sent, letter request
    When mail 1: send mail, letter request
    Then nothing happens

  @open-question
  Scenario: May the supervisor decide before the customer service has its mail?

  @open-question
  Scenario: May special conditions be requested again after a rejection?

  Scenario: an appointment is made once
    Given contract 1: appointment made, customer 7, on "2026-12-01"
    When contract 1: make appointment, customer 7, on "2026-12-01"
    Then it is refused: appointment already made

  Scenario: a contract is one customer's
    Given contract 1: appointment made, customer 7, on "2026-12-01"
    When contract 1: make appointment, customer 8, on "2026-12-03"
    Then it is refused: appointment already made

  Scenario: an appointment that has led to a request is not moved any more
    Given contract 1: appointment made, customer 7, on "2026-12-01"
    And contract 1: special conditions requested, account manager "Alex", sales area 120, planned sales 80000
    And mail 1: mail sent, letter request
    When contract 1: make appointment, customer 7, on "2026-12-03"
    Then it is refused: appointment already made

  Scenario: nothing is requested without an appointment
    When contract 1: request special conditions, account manager "Alex", sales area 120, planned sales 80000
    Then it is refused: no appointment

  Scenario: special conditions are requested once
    Given contract 1: appointment made, customer 7, on "2026-12-01"
    And contract 1: special conditions requested, account manager "Alex", sales area 120, planned sales 80000
    And mail 1: mail sent, letter request
    When contract 1: request special conditions, account manager "Alex", sales area 120, planned sales 80000
    Then it is refused: already requested

  Scenario: a request that is not filled in tells what is wrong with each field
    Given contract 1: appointment made, customer 7, on "2026-12-01"
    When contract 1: request special conditions, account manager "", sales area 20001, planned sales 0
    Then it is refused: invalid account manager missing, sales area too large (at most 20000) and planned sales too low (at least 10000000)

  Scenario: a larger sales area asks for more sales
    Given contract 1: appointment made, customer 7, on "2026-12-01"
    When contract 1: request special conditions, account manager "Alex", sales area 120, planned sales 59999
    Then it is refused: invalid planned sales too low (at least 60000)

  Scenario: nothing is decided that was not requested
    Given contract 1: appointment made, customer 7, on "2026-12-01"
    When contract 1: accept conditions, supervisor "Ruth"
    Then it is refused: nothing requested

  Scenario: and nothing is rejected
    Given contract 1: appointment made, customer 7, on "2026-12-01"
    When contract 1: reject conditions, supervisor "Ruth", reason "too little is planned"
    Then it is refused: nothing requested

  Scenario: nothing is given up without an appointment
    When contract 1: abandon negotiation, reason "closed for good"
    Then it is refused: no appointment

  Scenario: the supervisor decides once
    Given contract 1: appointment made, customer 7, on "2026-12-01"
    And contract 1: special conditions requested, account manager "Alex", sales area 120, planned sales 80000
    And mail 1: mail sent, letter request
    And contract 1: conditions accepted, supervisor "Ruth"
    And signing 1: signing requested
    And contract 1: sent to signing service
    When contract 1: reject conditions, supervisor "Ruth", reason "too little is planned"
    Then it is refused: already decided
    When contract 1: accept conditions, supervisor "Ruth"
    Then it is refused: already decided

  Scenario: a rejection has a reason, and somebody who answers for it
    Given contract 1: appointment made, customer 7, on "2026-12-01"
    And contract 1: special conditions requested, account manager "Alex", sales area 120, planned sales 80000
    And mail 1: mail sent, letter request
    When contract 1: reject conditions, supervisor " ", reason ""
    Then it is refused: invalid supervisor missing and reason missing

  Scenario: the signing service answers, and the contract hears of it
    Given contract 1: appointment made, customer 7, on "2026-12-01"
    And contract 1: special conditions requested, account manager "Alex", sales area 120, planned sales 80000
    And mail 1: mail sent, letter request
    And contract 1: conditions accepted, supervisor "Ruth"
    And signing 1: signing requested
    And contract 1: sent to signing service
    When signing 1: answer started
    Then signing 1: signing service answered started
    And contract 1: signing started
    When signing 1: answer started
    Then nothing happens
    When signing 1: answer signed internally
    Then signing 1: signing service answered signed internally
    And contract 1: internally signed

  Scenario: with the second signature the contract is complete, and one mail says so
    Given contract 1: appointment made, customer 7, on "2026-12-01"
    And contract 1: special conditions requested, account manager "Alex", sales area 120, planned sales 80000
    And mail 1: mail sent, letter request
    And contract 1: conditions accepted, supervisor "Ruth"
    And signing 1: signing requested
    And contract 1: sent to signing service
    And signing 1: signing service answered started
    And contract 1: signing started
    And signing 1: signing service answered signed internally
    And contract 1: internally signed
    When signing 1: answer signed externally
    Then signing 1: signing service answered signed externally
    And contract 1: externally signed
    And contract 1: contract completed
    And mail 1: mail sent, letter completion

  Scenario: a signature tells that signing has started
    Given contract 1: appointment made, customer 7, on "2026-12-01"
    And contract 1: special conditions requested, account manager "Alex", sales area 120, planned sales 80000
    And mail 1: mail sent, letter request
    And contract 1: conditions accepted, supervisor "Ruth"
    And signing 1: signing requested
    And contract 1: sent to signing service
    When signing 1: answer signed externally
    Then signing 1: signing service answered signed externally
    And contract 1: signing started
    And contract 1: externally signed

  Scenario: the customer may sign first
    Given contract 1: appointment made, customer 7, on "2026-12-01"
    And contract 1: special conditions requested, account manager "Alex", sales area 120, planned sales 80000
    And mail 1: mail sent, letter request
    And contract 1: conditions accepted, supervisor "Ruth"
    And signing 1: signing requested
    And contract 1: sent to signing service
    And signing 1: signing service answered started
    And contract 1: signing started
    When signing 1: answer signed externally
    Then signing 1: signing service answered signed externally
    And contract 1: externally signed
    When signing 1: answer signed internally
    Then signing 1: signing service answered signed internally
    And contract 1: internally signed
    And contract 1: contract completed
    And mail 1: mail sent, letter completion

  Scenario: what the signing service does not say is confirmed by hand
    Given contract 1: appointment made, customer 7, on "2026-12-01"
    And contract 1: special conditions requested, account manager "Alex", sales area 120, planned sales 80000
    And mail 1: mail sent, letter request
    And contract 1: conditions accepted, supervisor "Ruth"
    And signing 1: signing requested
    And contract 1: sent to signing service
    When contract 1: confirm start
    Then contract 1: signing started
    When contract 1: confirm internal signature
    Then contract 1: internally signed
    When contract 1: confirm external signature
    Then contract 1: externally signed
    And contract 1: contract completed
    And mail 1: mail sent, letter completion

  Scenario: the signing service answers only what it was asked
    Given contract 1: appointment made, customer 7, on "2026-12-01"
    And contract 1: special conditions requested, account manager "Alex", sales area 120, planned sales 80000
    And mail 1: mail sent, letter request
    When signing 1: answer started
    Then it is refused: not asked

  Scenario: the signing service is asked once
    Given contract 1: appointment made, customer 7, on "2026-12-01"
    And contract 1: special conditions requested, account manager "Alex", sales area 120, planned sales 80000
    And mail 1: mail sent, letter request
    And contract 1: conditions accepted, supervisor "Ruth"
    And signing 1: signing requested
    And contract 1: sent to signing service
    When signing 1: request signing
    Then nothing happens

  Scenario: what is confirmed again records nothing
    Given contract 1: appointment made, customer 7, on "2026-12-01"
    And contract 1: special conditions requested, account manager "Alex", sales area 120, planned sales 80000
    And mail 1: mail sent, letter request
    And contract 1: conditions accepted, supervisor "Ruth"
    And signing 1: signing requested
    And contract 1: sent to signing service
    And signing 1: signing service answered started
    And contract 1: signing started
    And signing 1: signing service answered signed internally
    And contract 1: internally signed
    And signing 1: signing service answered signed externally
    And contract 1: externally signed
    And contract 1: contract completed
    And mail 1: mail sent, letter completion
    When contract 1: confirm sending
    And contract 1: confirm start
    And contract 1: confirm internal signature
    And contract 1: confirm external signature
    And contract 1: complete contract
    Then nothing happens

  Scenario: nothing is sent that is not accepted
    Given contract 1: appointment made, customer 7, on "2026-12-01"
    And contract 1: special conditions requested, account manager "Alex", sales area 120, planned sales 80000
    And mail 1: mail sent, letter request
    When contract 1: confirm sending
    Then it is refused: not accepted

  Scenario: nobody signs what was not sent
    Given contract 1: appointment made, customer 7, on "2026-12-01"
    And contract 1: special conditions requested, account manager "Alex", sales area 120, planned sales 80000
    And mail 1: mail sent, letter request
    When contract 1: confirm start
    Then it is refused: not sent

  Scenario: nobody signs before signing has started
    Given contract 1: appointment made, customer 7, on "2026-12-01"
    And contract 1: special conditions requested, account manager "Alex", sales area 120, planned sales 80000
    And mail 1: mail sent, letter request
    And contract 1: conditions accepted, supervisor "Ruth"
    And signing 1: signing requested
    And contract 1: sent to signing service
    When contract 1: confirm internal signature
    Then it is refused: signing not started

  Scenario: no contract is completed without both signatures
    Given contract 1: appointment made, customer 7, on "2026-12-01"
    And contract 1: special conditions requested, account manager "Alex", sales area 120, planned sales 80000
    And mail 1: mail sent, letter request
    And contract 1: conditions accepted, supervisor "Ruth"
    And signing 1: signing requested
    And contract 1: sent to signing service
    And signing 1: signing service answered started
    And contract 1: signing started
    And signing 1: signing service answered signed internally
    And contract 1: internally signed
    When contract 1: complete contract
    Then it is refused: signature missing

  @open-question
  Scenario: For how long may the signing service stay silent?

  Rule: the contract is complete

    Background:
      Given contract 1: appointment made, customer 7, on "2026-12-01"
      And contract 1: special conditions requested, account manager "Alex", sales area 120, planned sales 80000
      And mail 1: mail sent, letter request
      And contract 1: conditions accepted, supervisor "Ruth"
      And signing 1: signing requested
      And contract 1: sent to signing service
      And signing 1: signing service answered started
      And contract 1: signing started
      And signing 1: signing service answered signed internally
      And contract 1: internally signed
      And signing 1: signing service answered signed externally
      And contract 1: externally signed
      And contract 1: contract completed
      And mail 1: mail sent, letter completion

    Scenario: a complete contract is not given up
      When contract 1: abandon negotiation, reason "closed for good"
      Then it is refused: completed

    Scenario: and nothing more is decided about it
      When contract 1: accept conditions, supervisor "Ruth"
      Then it is refused: completed
      When contract 1: reject conditions, supervisor "Ruth", reason "too little is planned"
      Then it is refused: completed
      When contract 1: request special conditions, account manager "Alex", sales area 120, planned sales 80000
      Then it is refused: completed

  Rule: the conditions are rejected

    Background:
      Given contract 1: appointment made, customer 7, on "2026-12-01"
      And contract 1: special conditions requested, account manager "Alex", sales area 120, planned sales 80000
      And mail 1: mail sent, letter request
      And contract 1: conditions rejected, supervisor "Ruth", reason "too little is planned"
      And mail 1: mail sent, letter rejection
      And customer 7: rejection noted, contract 1, reason "too little is planned"

    Scenario: a rejected contract goes no further
      When contract 1: accept conditions, supervisor "Ruth"
      Then it is refused: rejected
      When contract 1: reject conditions, supervisor "Ruth", reason "too little is planned"
      Then it is refused: rejected
      When contract 1: abandon negotiation, reason "closed for good"
      Then it is refused: rejected

  Rule: the negotiation was given up

    Background:
      Given contract 1: appointment made, customer 7, on "2026-12-01"
      And contract 1: negotiation abandoned, reason "closed for good"

    Scenario: a negotiation that was given up goes no further
      When contract 1: request special conditions, account manager "Alex", sales area 120, planned sales 80000
      Then it is refused: abandoned

    Scenario: and is neither decided nor given up again
      When contract 1: accept conditions, supervisor "Ruth"
      Then it is refused: abandoned
      When contract 1: reject conditions, supervisor "Ruth", reason "too little is planned"
      Then it is refused: abandoned
      When contract 1: abandon negotiation, reason "closed for good"
      Then it is refused: abandoned

  Rule: the contract is with the signing service

    Background:
      Given contract 1: appointment made, customer 7, on "2026-12-01"
      And contract 1: special conditions requested, account manager "Alex", sales area 120, planned sales 80000
      And mail 1: mail sent, letter request
      And contract 1: conditions accepted, supervisor "Ruth"
      And signing 1: signing requested
      And contract 1: sent to signing service

    Scenario: a signing service that never answers does not hold a contract for ever
      When contract 1: abandon negotiation, reason "closed for good"
      Then contract 1: negotiation abandoned, reason "closed for good"
      When signing 1: answer signed externally
      Then signing 1: signing service answered signed externally

  Rule: what is owed

    Scenario: a request is owed a mail until it is sent
      Given contract 1: appointment made, customer 7, on "2026-12-01"
      When contract 1: special conditions requested, account manager "Alex", sales area 120, planned sales 80000
      Then owed: mail 1: send mail, letter request
      When mail 1: mail sent, letter request
      Then nothing is owed

    Scenario: a rejection is owed a mail and a note
      Given contract 1: appointment made, customer 7, on "2026-12-01"
      And contract 1: special conditions requested, account manager "Alex", sales area 120, planned sales 80000
      And mail 1: mail sent, letter request
      When contract 1: conditions rejected, supervisor "Ruth", reason "too little is planned"
      Then owed: mail 1: send mail, letter rejection
      And owed: customer 7: note rejection, contract 1, reason "too little is planned"
      When mail 1: mail sent, letter rejection
      Then still owed: customer 7: note rejection, contract 1, reason "too little is planned"
      When customer 7: rejection noted, contract 1, reason "too little is planned"
      Then nothing is owed

    Scenario: what is accepted is to be signed
      Given contract 1: appointment made, customer 7, on "2026-12-01"
      And contract 1: special conditions requested, account manager "Alex", sales area 120, planned sales 80000
      And mail 1: mail sent, letter request
      When contract 1: conditions accepted, supervisor "Ruth"
      Then owed: signing 1: request signing
      When signing 1: signing requested
      Then owed: contract 1: confirm sending

    Scenario: an answer is heard once the contract knows that it was sent
      Given contract 1: appointment made, customer 7, on "2026-12-01"
      And contract 1: special conditions requested, account manager "Alex", sales area 120, planned sales 80000
      And mail 1: mail sent, letter request
      And contract 1: conditions accepted, supervisor "Ruth"
      And signing 1: signing requested
      When signing 1: signing service answered signed internally
      Then nothing more is owed
      When contract 1: sent to signing service
      Then owed: contract 1: confirm start
      When contract 1: signing started
      Then owed: contract 1: confirm internal signature
      When contract 1: internally signed
      Then nothing more is owed

    Scenario: with both signatures, the contract is to be completed
      Given contract 1: appointment made, customer 7, on "2026-12-01"
      And contract 1: special conditions requested, account manager "Alex", sales area 120, planned sales 80000
      And mail 1: mail sent, letter request
      And contract 1: conditions accepted, supervisor "Ruth"
      And signing 1: signing requested
      And contract 1: sent to signing service
      And contract 1: signing started
      And contract 1: internally signed
      And signing 1: signing service answered signed externally
      When contract 1: externally signed
      Then owed: contract 1: complete contract
      When contract 1: contract completed
      Then owed: mail 1: send mail, letter completion

    Scenario: of a contract that was given up nothing more is to be signed
      Given contract 1: appointment made, customer 7, on "2026-12-01"
      And contract 1: special conditions requested, account manager "Alex", sales area 120, planned sales 80000
      And mail 1: mail sent, letter request
      And contract 1: conditions accepted, supervisor "Ruth"
      And signing 1: signing requested
      And contract 1: sent to signing service
      And signing 1: signing service answered started
      When contract 1: negotiation abandoned, reason "closed for good"
      Then nothing is owed

    Scenario: the order in which it is told changes nothing
      Given mail 1: mail sent, letter request
      And contract 1: conditions rejected, supervisor "Ruth", reason "too little is planned"
      And contract 1: special conditions requested, account manager "Alex", sales area 120, planned sales 80000
      When contract 1: appointment made, customer 7, on "2026-12-01"
      Then still owed: mail 1: send mail, letter rejection
      And still owed: customer 7: note rejection, contract 1, reason "too little is planned"

    Scenario: what is settled stays settled, also when it is told again
      Given contract 1: appointment made, customer 7, on "2026-12-01"
      And contract 1: special conditions requested, account manager "Alex", sales area 120, planned sales 80000
      And mail 1: mail sent, letter request
      And contract 1: conditions rejected, supervisor "Ruth", reason "too little is planned"
      And mail 1: mail sent, letter rejection
      And customer 7: rejection noted, contract 1, reason "too little is planned"
      When contract 1: conditions rejected, supervisor "Ruth", reason "too little is planned"
      Then nothing is owed

    Scenario: nothing is owed for what the export says
      When customer 7: shop added, name "Petra Moden", street "Hauptstrasse 1", postcode "60311", city "Frankfurt", segment boutique
      Then nothing more is owed

  Rule: search

    Scenario: a shop is found by parts of what is known of it, in capitals or not
      Given customer 7: shop added, name "Petra Moden", street "Hauptstrasse 1", postcode "60311", city "Frankfurt", segment boutique
      And customer 8: shop added, name "Karl Mode", street "Hauptstrasse 1", postcode "60311", city "Bremen", segment boutique
      And customer 7: shop updated invoice (email "rechnung@petra-moden.example", format pdf)
      Then a search for "petra" finds customer 7
      And a search for "MODE brem" finds customer 8
      And a search for "rechnung@" finds customer 7
      And a search for "petra brem" finds nobody
      And also when events are delivered twice

    Scenario: an update is found, and what it replaced is not
      Given customer 7: shop added, name "Petra Moden", street "Hauptstrasse 1", postcode "60311", city "Frankfurt", segment boutique
      And customer 7: shop updated basic (name "Petra Moden", street "Zeil 12", postcode "60311", city "Frankfurt", segment boutique)
      Then a search for "zeil" finds customer 7
      And a search for "hauptstrasse" finds nobody

    Scenario: a shop is found by how far a contract with it has come
      Given customer 7: shop added, name "Petra Moden", street "Hauptstrasse 1", postcode "60311", city "Frankfurt", segment boutique
      And contract 1: appointment made, customer 7, on "2026-12-01"
      And contract 1: special conditions requested, account manager "Alex", sales area 120, planned sales 80000
      Then among requested contracts, customer 7 is found
      And among appointed contracts, nobody is found

    Scenario: a shop of which only a contract is known is not found
      Given contract 1: appointment made, customer 7, on "2026-12-01"
      Then a search for "" finds nobody
