"""
Clients on the standard library's http.client: urllib, urllib3, requests, botocore, httplib2, docker and more.
"""
