@backup @sev-2 @monthly
Feature: Restoring a bucket
  What users have uploaded is deleted, overwritten or gone. It comes back as it was, every object of it.

  Background:
    Given these recovery objectives:
      | RTO | 4 hours |
      | RPO | 1 hour  |

  Scenario: Deleted and overwritten objects come back
    Given the "restore-bucket" drill in steady state
    When disaster strikes
    And the recovery procedure is performed
    Then everything that was to be looked at is as it must be
    And the RPO is met
    And nobody who uses the service noticed

  Scenario: A bucket that is gone comes back from the other region
    Given the "restore-lost-bucket" drill in steady state
    When disaster strikes
    And the recovery procedure is performed
    Then everything that was to be looked at is as it must be
    And the RPO is met
    And nobody who uses the service noticed
