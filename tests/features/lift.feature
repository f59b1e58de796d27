Feature: lift

	Background:
		Given floor 0

	Scenario: it goes up
		Given doors closed
		When call, floor 3
		Then going up
			| floor | light |
			| 1     | on    |

	Scenario: it stays
		Then floor 0
