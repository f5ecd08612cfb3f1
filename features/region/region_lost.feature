@sev-0 @region
Feature: Losing the region
  Nothing of the region that serves can be reached any more: its servers, its balancers, its API. Whatever brings service
  back has to do without it, and must not be undone on the day when it returns with the data of before.

  Background:
    Given these recovery objectives:
      | RTO | 4 hours |
      | RPO | 1 hour  |

  Scenario: The other region takes over when the region is lost
    Given the "region-outage" drill in steady state
    When disaster strikes
    And the recovery procedure is performed
    Then the RTO is met
    And the RPO is met
    And the data is intact
    And the recovery needs nothing of the lost region
    And as many tasks serve as before
    And nobody is led back when the lost region returns

  Scenario: The other region takes over when the region answers nothing
    Given the "region-black-hole" drill in steady state
    When disaster strikes
    And the recovery procedure is performed
    Then the RTO is met
    And the RPO is met
    And the data is intact
    And the recovery needs nothing of the lost region
    And as many tasks serve as before
    And nobody is led back when the lost region returns

  Scenario: The other region takes over when no record can be changed
    Given the "region-outage-static" drill in steady state
    When disaster strikes
    And the recovery procedure is performed
    Then the RTO is met
    And the RPO is met
    And the data is intact
    And the recovery needs nothing of the lost region
    And as many tasks serve as before
