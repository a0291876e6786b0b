CREATE OR REPLACE ROW ACCESS POLICY trusted ON `team-ml.integraviz_events.events`
  GRANT TO ("serviceAccount:writer@team-ml.iam.gserviceaccount.com", "group:owners@example.com")
  FILTER USING (TRUE);
CREATE OR REPLACE ROW ACCESS POLICY group_vision ON `team-ml.integraviz_events.events`
  GRANT TO ("group:vision@example.com")
  FILTER USING (project IN ("mnist", "cifar-10"));
CREATE OR REPLACE ROW ACCESS POLICY group_speech ON `team-ml.integraviz_events.events`
  GRANT TO ("user:ada@example.com", "serviceAccount:bot@speech.iam.gserviceaccount.com")
  FILTER USING (project IN ("voices", "mnist"));
CREATE OR REPLACE ROW ACCESS POLICY group_platform ON `team-ml.integraviz_events.events`
  GRANT TO ("group:platform@example.com")
  FILTER USING (TRUE);
GRANT `roles/bigquery.dataViewer` ON SCHEMA `team-ml.integraviz_views` TO "group:vision@example.com";
GRANT `roles/bigquery.dataViewer` ON SCHEMA `team-ml.integraviz_views` TO "user:ada@example.com", "serviceAccount:bot@speech.iam.gserviceaccount.com";
GRANT `roles/bigquery.dataViewer` ON SCHEMA `team-ml.integraviz_views` TO "group:platform@example.com";
