Feature: loan, strict

  Scenario: an application is submitted, at first in part
    When submit
    Then submitted
    And partly submitted

  Scenario: an application is submitted once
    Given submitted
    And partly submitted
    When submit
    Then it is refused: already submitted

  Scenario: what passes the first check is put on a desk, to be completed
    Given submitted
    And partly submitted
    When pre accept
    Then pre accepted
    And work scheduled complete application

  Scenario: nothing is checked before it is submitted
    When pre accept
    Then it is refused: not submitted

  Scenario: the first check is passed once
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    When pre accept
    Then it is refused: already pre accepted

  Scenario: nothing passes the first check while a fraud is in question
    Given submitted
    And partly submitted
    And work scheduled assess fraud
    And work started assess fraud
    When pre accept
    Then it is refused: fraud in question

  Scenario: somebody who completes an application can accept it
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    When accept
    Then accepted

  Scenario: nobody accepts an application that nobody is completing
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    When accept
    Then it is refused: nobody at work

  Scenario: an application is accepted once
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    And accepted
    When accept
    Then it is refused: already accepted

  Scenario: nothing is accepted without the first check
    Given submitted
    And partly submitted
    When accept
    Then it is refused: not pre accepted

  Scenario: once it is accepted, its terms are fixed
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    And accepted
    When finalise
    Then finalised

  Scenario: the terms are fixed once
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    And accepted
    And finalised
    When finalise
    Then it is refused: already finalised

  Scenario: nobody fixes the terms while nobody completes the application
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And accepted
    When finalise
    Then it is refused: nobody at work

  Scenario: the terms of what is not accepted are not fixed
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    When finalise
    Then it is refused: not accepted

  Scenario: an offer is chosen, drawn up and sent, and the customer is to be called after it
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    And accepted
    And finalised
    When select offer
    Then offer selected
    When create offer
    Then offer created
    When send offer
    Then offer sent
    And work scheduled call after offers

  Scenario: there is no offer without acceptance
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    When select offer
    Then it is refused: not accepted

  Scenario: no offer is drawn up that was not chosen
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    And accepted
    And finalised
    When create offer
    Then it is refused: not selected

  Scenario: no offer is drawn up before the terms are fixed
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    And accepted
    And offer selected
    When create offer
    Then it is refused: not finalised

  Scenario: no offer is sent that was not drawn up
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    And accepted
    And finalised
    And offer selected
    When send offer
    Then it is refused: not created

  Scenario: an offer is sent before another is chosen
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    And accepted
    And finalised
    And offer selected
    And offer created
    When select offer
    Then it is refused: offer unsent

  Scenario: an offer is made by somebody at work: chosen
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    And accepted
    And finalised
    And work completed complete application
    When select offer
    Then it is refused: nobody at work

  Scenario: an offer is made by somebody at work: drawn up
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    And accepted
    And finalised
    And work completed complete application
    And offer selected
    When create offer
    Then it is refused: nobody at work

  Scenario: an offer is made by somebody at work: sent
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    And accepted
    And finalised
    And work completed complete application
    And offer selected
    And offer created
    When send offer
    Then it is refused: nobody at work

  Scenario: the signed offer comes in while somebody calls, and is to be assessed
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    And accepted
    And finalised
    And offer selected
    And offer created
    And offer sent
    And work scheduled call after offers
    And work completed complete application
    And work started call after offers
    When receive offer back
    Then offer sent back
    And work scheduled validate application

  Scenario: while nobody calls, no offer comes in
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    And accepted
    And finalised
    And offer selected
    And offer created
    And offer sent
    And work scheduled call after offers
    And work completed complete application
    When receive offer back
    Then it is refused: nobody at work

  Scenario: what was never sent is not sent back
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    And accepted
    And finalised
    When receive offer back
    Then it is refused: not sent

  Scenario: no offer is sent back twice
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    And accepted
    And finalised
    And offer selected
    And offer created
    And offer sent
    And work scheduled call after offers
    And work completed complete application
    And work started call after offers
    And offer sent back
    And work scheduled validate application
    And work completed call after offers
    When receive offer back
    Then it is refused: already answered

  Scenario: a new offer replaces one that is sent: the old one is withdrawn first
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    And accepted
    And finalised
    And offer selected
    And offer created
    And offer sent
    And work scheduled call after offers
    And work completed complete application
    And work started call after offers
    And offer selected
    When create offer
    Then it is refused: not selected
    When cancel offer
    Then offer cancelled
    When create offer
    Then offer created

  Scenario: one new offer is chosen at a time
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    And accepted
    And finalised
    And offer selected
    And offer created
    And offer sent
    And work scheduled call after offers
    And work completed complete application
    And work started call after offers
    And offer selected
    When select offer
    Then it is refused: being replaced

  Scenario: an offer about to be replaced is not sent back any more
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    And accepted
    And finalised
    And offer selected
    And offer created
    And offer sent
    And work scheduled call after offers
    And work completed complete application
    And work started call after offers
    And offer selected
    When receive offer back
    Then it is refused: being replaced

  Scenario: after an answer it is the file that is called after
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    And accepted
    And finalised
    And offer selected
    And offer created
    And offer sent
    And work scheduled call after offers
    And work completed complete application
    And work started call after offers
    And offer sent back
    And work scheduled validate application
    And work completed call after offers
    And work started validate application
    And offer selected
    And offer cancelled
    And offer created
    When send offer
    Then offer sent
    And work scheduled call after incomplete files

  Scenario: nothing is withdrawn that was not sent
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    And accepted
    And finalised
    When cancel offer
    Then it is refused: not sent

  Scenario: when the customer goes, the offer is withdrawn, once
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    And accepted
    And finalised
    And offer selected
    And offer created
    And offer sent
    And work scheduled call after offers
    And work completed complete application
    And work started call after offers
    And cancelled
    When cancel offer
    Then offer cancelled
    When cancel offer
    Then it is refused: not sent

  Scenario: the bank says yes in four steps
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    And accepted
    And finalised
    And offer selected
    And offer created
    And offer sent
    And work scheduled call after offers
    And work completed complete application
    And work started call after offers
    And offer sent back
    And work scheduled validate application
    And work completed call after offers
    And work started validate application
    When accept offer
    And approve
    And register
    And activate
    Then offer accepted
    And approved
    And registered
    And activated

  Scenario: the four steps of a yes come in whichever order
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    And accepted
    And finalised
    And offer selected
    And offer created
    And offer sent
    And work scheduled call after offers
    And work completed complete application
    And work started call after offers
    And offer sent back
    And work scheduled validate application
    And work completed call after offers
    And work started validate application
    When activate
    And register
    And accept offer
    And approve
    Then activated
    And registered
    And offer accepted
    And approved

  Scenario: each step of a yes comes once
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    And accepted
    And finalised
    And offer selected
    And offer created
    And offer sent
    And work scheduled call after offers
    And work completed complete application
    And work started call after offers
    And offer sent back
    And work scheduled validate application
    And work completed call after offers
    And work started validate application
    And approved
    When approve
    Then it is refused: already so

  Scenario: an approval before submission is refused
    When approve
    Then it is refused: not submitted

  Scenario: an approval before an offer is sent is refused
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    And accepted
    And finalised
    When approve
    Then it is refused: not sent

  Scenario: an approval before an answer is refused
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    And accepted
    And finalised
    And offer selected
    And offer created
    And offer sent
    And work scheduled call after offers
    And work completed complete application
    And work started call after offers
    When approve
    Then it is refused: not answered

  Scenario: an approval while nobody assesses the answer is refused
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    And accepted
    And finalised
    And offer selected
    And offer created
    And offer sent
    And work scheduled call after offers
    And work completed complete application
    And work started call after offers
    And offer sent back
    And work scheduled validate application
    And work completed call after offers
    When approve
    Then it is refused: nobody at work

  Scenario: an offer that was never sent is not accepted
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    And accepted
    And finalised
    And offer selected
    And offer created
    When accept offer
    Then it is refused: not sent

  Scenario: no offer is accepted while nobody assesses the answer
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    And accepted
    And finalised
    And offer selected
    And offer created
    And offer sent
    And work scheduled call after offers
    And work completed complete application
    And work started call after offers
    And offer sent back
    And work scheduled validate application
    And work completed call after offers
    When accept offer
    Then it is refused: nobody at work

  Scenario: an offer that nobody answered is not accepted
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    And accepted
    And finalised
    And offer selected
    And offer created
    And offer sent
    And work scheduled call after offers
    And work completed complete application
    And work started call after offers
    When accept offer
    Then it is refused: not answered

  Scenario: no offer is accepted twice
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    And accepted
    And finalised
    And offer selected
    And offer created
    And offer sent
    And work scheduled call after offers
    And work completed complete application
    And work started call after offers
    And offer sent back
    And work scheduled validate application
    And work completed call after offers
    And work started validate application
    And offer accepted
    When accept offer
    Then it is refused: offer already accepted

  Scenario: once answered, a better offer is accepted without another signature
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    And accepted
    And finalised
    And offer selected
    And offer created
    And offer sent
    And work scheduled call after offers
    And work completed complete application
    And work started call after offers
    And offer sent back
    And work scheduled validate application
    And work completed call after offers
    And work started validate application
    And offer selected
    And offer cancelled
    And offer created
    And offer sent
    When accept offer
    Then offer accepted

  Scenario: a yes does not become a no
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    And accepted
    And finalised
    And offer selected
    And offer created
    And offer sent
    And work scheduled call after offers
    And work completed complete application
    And work started call after offers
    And offer sent back
    And work scheduled validate application
    And work completed call after offers
    And work started validate application
    And approved
    When decline
    Then it is refused: already granted

  Scenario: after a yes the customer cannot cancel
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    And accepted
    And finalised
    And offer selected
    And offer created
    And offer sent
    And work scheduled call after offers
    And work completed complete application
    And work started call after offers
    And offer sent back
    And work scheduled validate application
    And work completed call after offers
    And work started validate application
    And approved
    When cancel
    Then it is refused: already granted

  Scenario: after a yes there is no other offer
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    And accepted
    And finalised
    And offer selected
    And offer created
    And offer sent
    And work scheduled call after offers
    And work completed complete application
    And work started call after offers
    And offer sent back
    And work scheduled validate application
    And work completed call after offers
    And work started validate application
    And approved
    When select offer
    Then it is refused: already granted

  Scenario: after a yes the offer is not withdrawn
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    And accepted
    And finalised
    And offer selected
    And offer created
    And offer sent
    And work scheduled call after offers
    And work completed complete application
    And work started call after offers
    And offer sent back
    And work scheduled validate application
    And work completed call after offers
    And work started validate application
    And approved
    When cancel offer
    Then it is refused: already granted

  Scenario: after a yes the offer is not turned down
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    And accepted
    And finalised
    And offer selected
    And offer created
    And offer sent
    And work scheduled call after offers
    And work completed complete application
    And work started call after offers
    And offer sent back
    And work scheduled validate application
    And work completed call after offers
    And work started validate application
    And approved
    When decline offer
    Then it is refused: already granted

  Scenario: with its offer accepted, an application is neither declined nor cancelled
    Given submitted
    And partly submitted
    And pre accepted
    And work scheduled complete application
    And work started complete application
    And accepted
    And finalised
    And offer selected
    And offer created
    And offer sent
    And work scheduled call after offers
    And work completed complete application
    And work started call after offers
    And offer sent back
    And work scheduled validate application
    And work completed call after offers
    And work started validate application
    And offer accepted
    When decline
    Then it is refused: offer already accepted
    When cancel
    Then it is refused: offer already accepted
    When select offer
    Then it is refused: offer already accepted

  @open-question
  Scenario: One loan in seventeen is granted on an offer that the customer has not sent back: does the answer to an earlier offer bind to a later one?

  Scenario: the bank may say no at once
    Given submitted
    And partly submitted
    When decline
    Then declined

  Scenario: the bank says no to nobody in particular
    When decline
    Then it is refused: not submitted

  Rule: a customer has applied

    Background:
      Given submitted
      And partly submitted
      And pre accepted
      And work scheduled complete application
      And work started complete application
      And accepted
      And finalised
      And offer selected
      And offer created
      And offer sent
      And work scheduled call after offers
      And work completed complete application
      And work started call after offers
      And offer sent back
      And work scheduled validate application
      And work completed call after offers
      And work started validate application
      And declined

    Scenario: the bank says no once
      When decline
      Then it is refused: already declined

    Scenario: a declined application is not approved
      When approve
      Then it is refused: already declined

    Scenario: a declined application gets no offer
      When select offer
      Then it is refused: already declined

    Scenario: a declined application is not cancelled as well
      When cancel
      Then it is refused: already declined

    Scenario: the offer of a declined application is turned down, not withdrawn
      When cancel offer
      Then it is refused: already declined
      When decline offer
      Then offer declined

  Rule: a customer has applied

    Background:
      Given submitted
      And partly submitted
      And pre accepted
      And work scheduled complete application
      And work started complete application
      And accepted
      And finalised
      And offer selected
      And offer created
      And offer sent
      And work scheduled call after offers
      And work completed complete application
      And work started call after offers
      And offer sent back
      And work scheduled validate application
      And work completed call after offers
      And work started validate application

    Scenario: when an offer is turned down first, only a no can follow
      When decline offer
      Then offer declined
      When select offer
      Then it is refused: offer already declined
      When decline
      Then declined

  Rule: a customer has applied

    Background:
      Given submitted
      And partly submitted
      And pre accepted
      And work scheduled complete application
      And work started complete application
      And accepted
      And finalised
      And offer selected
      And offer created
      And offer sent
      And work scheduled call after offers
      And work completed complete application
      And work started call after offers
      And offer sent back
      And work scheduled validate application
      And work completed call after offers

    Scenario: no offer is turned down while nobody is at work
      When decline offer
      Then it is refused: nobody at work

  Rule: a customer has applied

    Background:
      Given submitted
      And partly submitted
      And pre accepted
      And work scheduled complete application
      And work started complete application
      And accepted
      And finalised
      And offer selected
      And offer created
      And declined

    Scenario: the offer of a declined application is not sent
      When send offer
      Then it is refused: already declined

  Rule: a customer has applied

    Background:
      Given submitted
      And partly submitted
      And pre accepted
      And work scheduled complete application
      And work started complete application
      And accepted
      And finalised
      And offer selected
      And offer created
      And offer sent
      And work scheduled call after offers
      And work completed complete application
      And work started call after offers
      And offer sent back
      And work scheduled validate application
      And work completed call after offers
      And work started validate application
      And declined

    Scenario: the offer of a declined application is not accepted
      When accept offer
      Then it is refused: already declined

  Rule: a customer has applied

    Background:
      Given submitted
      And partly submitted
      And pre accepted
      And work scheduled complete application
      And work started complete application
      And accepted
      And finalised
      And offer selected
      And offer created
      And offer sent
      And work scheduled call after offers
      And work completed complete application
      And work started call after offers
      And cancelled

    Scenario: the offer of a cancelled application is not sent back
      When receive offer back
      Then it is refused: already cancelled

  Rule: a customer has applied

    Background:
      Given submitted
      And partly submitted
      And pre accepted
      And work scheduled complete application
      And work started complete application
      And accepted
      And finalised
      And offer selected
      And offer created
      And offer sent
      And work scheduled call after offers
      And work completed complete application
      And work started call after offers

    Scenario: the customer may cancel
      When cancel
      Then cancelled

  Rule: a customer has applied

    Background:
      Given submitted
      And partly submitted

    Scenario: nobody cancels before the first check is passed
      When cancel
      Then it is refused: not pre accepted

  Rule: a customer has applied

    Background:
      Given submitted
      And partly submitted
      And pre accepted
      And work scheduled complete application
      And work started complete application
      And accepted
      And finalised
      And offer selected
      And offer created
      And offer sent
      And work scheduled call after offers
      And work completed complete application
      And work started call after offers
      And cancelled

    Scenario: an application is cancelled once
      When cancel
      Then it is refused: already cancelled

    Scenario: a cancelled application is not declined
      When decline
      Then it is refused: already cancelled

    Scenario: the offer of a cancelled application is not turned down
      When decline offer
      Then it is refused: already cancelled

    Scenario: a cancelled application gets no offer
      When select offer
      Then it is refused: already cancelled

    Scenario: a cancelled application is not approved
      When approve
      Then it is refused: already cancelled

  Rule: a customer has applied

    Background:
      Given submitted
      And partly submitted

    Scenario: an application that cannot be judged is followed up
      When schedule work follow up lead
      Then work scheduled follow up lead

  Rule: a customer has applied

    Background:
      Given submitted
      And partly submitted
      And pre accepted
      And work scheduled complete application

    Scenario: after the first check there is no follow-up
      When schedule work follow up lead
      Then it is refused: already pre accepted

  Rule: a customer has applied

    Background:
      Given submitted
      And partly submitted

    Scenario: only what has passed the first check is put on a desk to be completed
      When schedule work complete application
      Then it is refused: not pre accepted

  Rule: a customer has applied

    Background:
      Given submitted
      And partly submitted
      And pre accepted
      And work scheduled complete application
      And work started complete application
      And accepted
      And finalised

    Scenario: nobody calls after an offer that is not sent
      When schedule work call after offers
      Then it is refused: not sent

  Rule: a customer has applied

    Background:
      Given submitted
      And partly submitted
      And pre accepted
      And work scheduled complete application
      And work started complete application
      And accepted
      And finalised
      And offer selected
      And offer created
      And offer sent
      And work scheduled call after offers
      And work completed complete application

    Scenario: nobody assesses an answer that is not there
      When schedule work validate application
      Then it is refused: not answered

  Rule: a customer has applied

    Background:
      Given submitted
      And partly submitted
      And pre accepted
      And work scheduled complete application
      And work started complete application
      And accepted
      And finalised
      And offer selected
      And offer created
      And offer sent
      And work scheduled call after offers
      And work completed complete application
      And work started call after offers
      And offer sent back
      And work scheduled validate application
      And work completed call after offers
      And work started validate application

    Scenario: a contract is corrected when there is one
      When schedule work change contract details
      Then it is refused: not granted

  Rule: a customer has applied

    Background:
      Given submitted
      And partly submitted
      And pre accepted
      And work scheduled complete application
      And work started complete application
      And accepted
      And finalised
      And offer selected
      And offer created
      And offer sent
      And work scheduled call after offers
      And work completed complete application
      And work started call after offers
      And offer sent back
      And work scheduled validate application
      And work completed call after offers
      And work started validate application
      And approved

    Scenario: after a yes the contract can be corrected
      When schedule work change contract details
      Then work scheduled change contract details

    Scenario: no other work begins after a yes
      When schedule work assess fraud
      Then it is refused: already granted

  Rule: a customer has applied

    Background:
      Given submitted
      And partly submitted
      And pre accepted
      And work scheduled complete application
      And work started complete application
      And accepted
      And finalised
      And offer selected
      And offer created
      And offer sent
      And work scheduled call after offers
      And work completed complete application
      And work started call after offers
      And offer sent back
      And work scheduled validate application
      And work completed call after offers
      And work started validate application
      And declined

    Scenario: a declined application makes no new work
      When schedule work validate application
      Then it is refused: already declined

  Rule: a customer has applied

    Background:
      Given submitted
      And partly submitted
      And pre accepted
      And work scheduled complete application
      And work started complete application
      And accepted
      And finalised
      And offer selected
      And offer created
      And offer sent
      And work scheduled call after offers
      And work completed complete application
      And work started call after offers
      And cancelled

    Scenario: a cancelled application makes no new work
      When schedule work call after offers
      Then it is refused: already cancelled

    Scenario: work on a cancelled application is put down and not taken up again
      When complete work call after offers
      Then work completed call after offers
      When start work call after offers
      Then it is refused: already cancelled

  Rule: a customer has applied

    Background:
      Given submitted
      And partly submitted

    Scenario: nobody does what was not put on a desk
      When start work assess fraud
      Then it is refused: not scheduled
      When complete work assess fraud
      Then it is refused: not scheduled

  Rule: a customer has applied

    Background:
      Given submitted
      And partly submitted
      And pre accepted
      And work scheduled complete application
      And work started complete application
      And accepted
      And finalised
      And offer selected
      And offer created
      And offer sent
      And work scheduled call after offers
      And work completed complete application
      And work started call after offers

    Scenario: work may be scheduled again while it goes on
      When schedule work call after offers
      Then work scheduled call after offers

  Rule: a customer has applied

    Background:
      Given submitted
      And partly submitted
      And pre accepted
      And work scheduled complete application

    Scenario: work is taken up and put down, again and again
      When start work complete application
      And complete work complete application
      Then work started complete application
      And work completed complete application
      When start work complete application
      Then work started complete application

    Scenario: work is not put down before it is taken up
      When complete work complete application
      Then it is refused: not started

  Rule: a customer has applied

    Background:
      Given submitted
      And partly submitted
      And pre accepted
      And work scheduled complete application
      And work started complete application

    Scenario: work is not taken up twice
      When start work complete application
      Then it is refused: already started

    Scenario: work is not taken up while other work goes on
      Given work scheduled assess fraud
      When start work assess fraud
      Then it is refused: other work going on
