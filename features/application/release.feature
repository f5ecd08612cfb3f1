@sev-1 @application
Feature: A bad release takes the application down
  The release passed its checks, and its deployment went well to the end; then its tasks stop answering. Deploying it once
  more does not help. The business was promised to be served again within the recovery time objective; its data was
  never in danger, and whoever reaches it without the application must notice nothing.

  Background:
    Given these recovery objectives:
      | RTO | 4 hours |
      | RPO | 1 hour  |

  Scenario: The service is rolled back and scaled out
    Given the "application-service-failure" drill in steady state
    When disaster strikes
    And the recovery procedure is performed
    Then the RTO is met
    And the RPO is met
    And the release that served before serves again, as widely as was asked
    And nobody else noticed
    And the data is intact
