@sev-0 @database
Feature: Losing the primary database
  The primary database is gone with its storage and its standby. The business was promised to be back within
  the recovery time objective, and to lose no more than the recovery point objective.

  Background:
    Given these recovery objectives:
      | RTO | 4 hours |
      | RPO | 1 hour  |

  @monthly
  Scenario: The read replica takes over when the primary dies
    Given the "database-promote-replica" drill in steady state
    When disaster strikes
    And the recovery procedure is performed
    Then the RTO is met
    And the RPO is met
    And the data is intact
    And the lost primary acknowledges nothing when it returns

  Scenario: A failover that fails is rolled back and done another way
    Given the "database-failover-rollback" drill in steady state
    When disaster strikes
    And the recovery procedure is performed
    Then the failed switch is rolled back
    And the RTO is met
    And the RPO is met
    And the data is intact
    And the lost primary acknowledges nothing when it returns

  Scenario: The primary is restored from AWS Backup
    Given the "database-restore-backup" drill in steady state
    When disaster strikes
    And the recovery procedure is performed
    Then the RTO is met
    And the RPO is met
    And the data is intact
    And the lost primary acknowledges nothing when it returns
