Feature: import of readers

  Scenario: a list with columns
    Given these readers
      | name          | note            | born |
      | Ada \| Max    | two\nlines      | 1815 |
      |               | C:\\temp        |      |
    When import
    Then imported 2

  Scenario: a letter
    Given a letter
      """
      Dear reader,

        your books are late. \"\"\"Emma\"\"\" above all.
      # This is no comment, and | this | no table.
      """
    And its answer
      ```text
      Scenario: this is no scenario
      ```
    When read
    Then nothing happens
