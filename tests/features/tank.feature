@water @safety
@nightly # only where the pumps are
Feature: tank

  # Nobody has asked the plumber yet.
  @open-question
  Scenario: May it overflow?

  @slow
  # between tags
  @legal
  Scenario Outline: <litres> litres fit
    Given filled 5
    * open
    When fill <litres>
    Then filled <litres>
    * level <level>
    Examples:
      | litres | level |
      | 1      | 6     |

    @full
    Examples: to the brim

      The brim is at ten litres.

      | litres | level |
      | 5      | 10    |
