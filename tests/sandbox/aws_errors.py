"""What the aws stand-in refuses a request with."""


class ApiError(Exception):
    def __init__(self, status, code, text):
        self.status, self.code, self.text = status, code, text
        super().__init__(text)
