@sev-0 @database
Feature: Corruption of the primary database
  A bad deployment has rewritten rows, and a page on storage is damaged. Clients notice nothing, and every copy has
  the wrong rows. What was written since the last safe moment is lost; whatever is older has to be complete.

  Background:
    Given these recovery objectives:
      | RTO | 4 hours |
      | RPO | 1 hour  |

  Scenario: Corrupt data is restored to the last safe moment
    Given the "database-corruption-pitr" drill in steady state
    When disaster strikes
    And the recovery procedure is performed
    Then the RTO is met
    And the RPO is met
    And the data is intact
    And the lost primary acknowledges nothing when it returns

  Scenario: Corrupt data is restored from the latest automated snapshot
    Given the "database-corruption-snapshot" drill in steady state
    When disaster strikes
    And the recovery procedure is performed
    Then the RTO is met
    And the RPO is met
    And the data is intact
    And the lost primary acknowledges nothing when it returns
