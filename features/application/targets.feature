@sev-1 @application
Feature: The balancer sends to the wrong places
  Every task runs and is well, but somebody took them away from the balancer and registered a port where nobody listens
  and an address where nobody is. The business was promised to be served again within the recovery time objective; its
  data was never in danger, and whoever reaches it without the application must notice nothing.

  Background:
    Given these recovery objectives:
      | RTO | 4 hours |
      | RPO | 1 hour  |

  Scenario: The tasks are registered again and the wrong targets removed
    Given the "balancer-targets-failure" drill in steady state
    When disaster strikes
    And the recovery procedure is performed
    Then the RTO is met
    And the RPO is met
    And the balancer sends to the tasks alone, and all of them serve
    And nobody else noticed
    And the data is intact
