# The account of a bank, as its owners know it.
@bank
Feature: account
  As the owner of an account
  I want my money back when I need it,
  so that I trust the bank with it.

  Background:
    Given account opened, owner "Petra"
    And deposited 10

  Scenario: money can be taken out
    When withdraw 4
    Then withdrawn 4
    But not closed

  Scenario: not more than there is
    The bank gives no credit.

    When withdraw 20
    Then it is refused: insufficient funds, balance 10

  @open-question
  Scenario: May it be overdrawn on a Sunday?
