@backup @sev-1
Feature: Restoring the cache
  Nothing is lost and nobody is called. Once a month the team makes a cache of the last nightly snapshot, and makes sure
  that somebody could go on with it: it holds what it must, it works, and is set up as the one that serves.

  Background:
    Given these recovery objectives:
      | RTO | 4 hours |
      | RPO | 1 hour  |

  @monthly
  Scenario: What is restored is complete and could take the original's place
    Given the "restore-cache" drill in steady state
    When the recovery procedure is performed
    Then everything that was to be looked at is as it must be
    And the RPO is met
    And nobody who uses the service noticed
