Feature: two-phase commit

  Background:
    Given prepared 0
    And prepared 1
    And heard of 0

  Scenario: nothing is committed before all have been heard of
    When decide to commit
    Then it is refused: not all are prepared

  Scenario: when all have been heard of, it is committed
    When hear that one is prepared 1
    Then heard of 1
    When decide to commit
    Then commit decided
    When hear commit 1
    Then committed 1

  Scenario: it can still be aborted, and then that is final
    When decide to abort
    Then abort decided
    When decide to commit
    Then it is refused: already decided

  Scenario: who is prepared cannot choose to abort any more
    When choose to abort 0
    Then it is refused: no longer working
