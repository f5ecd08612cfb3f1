@sev-1 @database
Feature: Losing the primary database's host
  The host is gone and nothing else: storage and standby are well. RDS fails over by itself at the same endpoint.
  Whoever promotes a replica now has two primaries.

  Background:
    Given these recovery objectives:
      | RTO | 4 hours |
      | RPO | 1 hour  |

  Scenario: The standby takes over when the primary's host dies
    Given the "database-multi-az-failover" drill in steady state
    When disaster strikes
    And the recovery procedure is performed
    Then what recovers by itself is left alone
    And the RTO is met
    And the RPO is met
    And the data is intact
