@backup @sev-3
Feature: Verifying the backups
  Nothing is lost and nobody is called. Once a month the team makes sure that what it would restore from is there,
  recent and right, without anybody who uses the service noticing it.

  Background:
    Given these recovery objectives:
      | RTO | 4 hours |
      | RPO | 1 hour  |

  @monthly
  Scenario: The backups are there, recent, and can be restored
    Given the "backup-verification" drill in steady state
    When the backups are verified
    Then everything that was to be looked at is as it must be
    And the RPO is met
    And nobody who uses the service noticed
