"""A stack with a GraphQL API over a table, as tests of CloudFormation, AppSync and Amplify need it."""

STACK = "shop-appsync-stack"
TABLE = "shop-data"

TEMPLATE = """
Parameters:
  TableName: {Type: String}
  Suffix: {Type: String, Default: v1}
Resources:
  DataRole:
    Type: AWS::IAM::Role
    Properties:
      RoleName: shop-data-access
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: appsync.amazonaws.com}, Action: "sts:AssumeRole"}]
      Policies:
        - PolicyName: table
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: ACTIONS
                Resource: !Sub "arn:aws:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${TableName}"
  Api:
    Type: AWS::AppSync::GraphQLApi
    Properties: {Name: shop, AuthenticationType: API_KEY}
  Schema:
    Type: AWS::AppSync::GraphQLSchema
    Properties:
      ApiId: !GetAtt Api.ApiId
      Definition: |
        type Query { item(id: ID!): String }
        type Mutation { save(id: ID!, text: String): String drop(id: ID!): String }
  Data:
    Type: AWS::AppSync::DataSource
    Properties:
      ApiId: !GetAtt Api.ApiId
      Name: Data
      Type: AMAZON_DYNAMODB
      ServiceRoleArn: !GetAtt DataRole.Arn
      DynamoDBConfig: {TableName: !Ref TableName, AwsRegion: !Ref "AWS::Region"}
  Save:
    Type: AWS::AppSync::Resolver
    DependsOn: Schema
    Properties: {ApiId: !GetAtt Api.ApiId, TypeName: Mutation, FieldName: save, DataSourceName: !GetAtt Data.Name}
MORE
Outputs:
  ApiId: {Value: !GetAtt Api.ApiId}
"""

READ_AND_WRITE = '["dynamodb:GetItem", "dynamodb:PutItem"]'
READ_ONLY = '["dynamodb:GetItem"]'
NO_SUCH_FIELD = """
  Wrong:
    Type: AWS::AppSync::Resolver
    DependsOn: [Schema, Save]
    Properties: {ApiId: !GetAtt Api.ApiId, TypeName: Mutation, FieldName: nothing, DataSourceName: !GetAtt Data.Name}
"""
DROP = """
  Drop:
    Type: AWS::AppSync::Resolver
    DependsOn: [Schema, Save]
    Properties:
      {ApiId: !GetAtt Api.ApiId, TypeName: Mutation, FieldName: drop, DataSourceName: Data, Code: !Ref Suffix}
"""
ANOTHER_SOURCE = """
  Other:
    Type: AWS::AppSync::DataSource
    Properties: {ApiId: !GetAtt Api.ApiId, Name: Other, Type: NONE}
"""
HANGS = """
  Handle: {Type: "AWS::CloudFormation::WaitConditionHandle", DependsOn: Save}
  Signal:
    Type: AWS::CloudFormation::WaitCondition
    Properties: {Handle: !Ref Handle, Timeout: 600}
"""


def template(more="", actions=READ_AND_WRITE):
    """Return the stack's template with further resources."""
    return TEMPLATE.replace("ACTIONS", actions).replace("MORE", more)


class Shop:
    """The stack in a stage, made and whole; `name` is what calls use."""

    def __init__(self, stage, **params):
        self.stage = stage
        self.cloudformation = stage.client("cloudformation")
        self.appsync = stage.client("appsync")
        stage.client("dynamodb").create_table(
            TableName=TABLE,
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
        self.stack_id = self.cloudformation.create_stack(
            StackName=STACK, **{**self.given(), **params}, ClientRequestToken="made"
        )["StackId"]
        stage.go(240)

    def given(self, more="", actions=READ_AND_WRITE, table=TABLE, **params):
        """Return the parameters of an operation that takes a template."""
        return {
            "TemplateBody": template(more, actions),
            "Parameters": [{"ParameterKey": "TableName", "ParameterValue": table}],
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
            **params,
        }

    def update(self, more="", **params):
        """Start an update of the stack."""
        return self.cloudformation.update_stack(StackName=STACK, **self.given(more, **params))

    def stack(self, name=STACK):
        """Return the stack as DescribeStacks shows it."""
        return self.cloudformation.describe_stacks(StackName=name)["Stacks"][0]

    @property
    def status(self):
        """Return the stack's status."""
        return self.stack()["StackStatus"]

    def resources(self):
        """Return the status of each resource."""
        found = self.cloudformation.list_stack_resources(StackName=STACK)["StackResourceSummaries"]
        return {each["LogicalResourceId"]: each["ResourceStatus"] for each in found}

    def events(self, name=STACK):
        """Return (resource, status) of each event, oldest first."""
        found = self.cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        return [(each["LogicalResourceId"], each["ResourceStatus"]) for each in reversed(found)]

    @property
    def api_id(self):
        """Return the id of the API that the stack made."""
        return self.stack()["Outputs"][0]["OutputValue"]

    def actions(self):
        """Return what the role may do."""
        iam = self.stage.simulation.client("iam", "us-east-1")
        policy = iam.get_role_policy(RoleName="shop-data-access", PolicyName="table")["PolicyDocument"]
        return policy["Statement"][0]["Action"]
