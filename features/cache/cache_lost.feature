@sev-1 @cache
Feature: Losing the cache
  Every node of the cache is gone. The service goes on from its database, slower but without an outage; the business was
  promised to have its cache back within the recovery time objective, and to lose no more of what was only in there
  than the recovery point objective.

  Background:
    Given these recovery objectives:
      | RTO | 4 hours |
      | RPO | 1 hour  |

  @monthly
  Scenario: The other region's cache takes over
    Given the "cache-failover-dr" drill in steady state
    When disaster strikes
    And the recovery procedure is performed
    Then the RTO is met
    And the RPO is met
    And the service goes on without its cache
    And the cache is as warm and as strong as before
    And the data is intact

  Scenario: The cache is restored from last night's snapshot
    Given the "cache-restore-snapshot" drill in steady state
    When disaster strikes
    And the recovery procedure is performed
    Then the RTO is met
    And the RPO is met
    And the service goes on without its cache
    And the cache is as warm and as strong as before
    And the data is intact
