Feature: delivery of parcels

  Scenario Outline: a parcel costs by its weight
    Given parcel of <grams> grams registered
    When send to <zone>
    Then postage <price>

    Examples: within the country
      | grams | zone | price |
      |   500 | home |  3.50 |
      |  2000 | home |  5.00 |
      # Heavy ones go by lorry.
      | 20000 | home | 12.00 |

    @abroad @slow
    Examples: abroad
      | zone | grams | price |
      | far  | 500   | 9.00  |

  Scenario Template: <who> may sign
    Given parcel registered
    When sign, by "<who>"
    Then delivered

    Scenarios:
      | who      |
      | Ada      |
      | the cook |
