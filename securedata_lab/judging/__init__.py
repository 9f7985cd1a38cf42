"""What students write: is it an attempt, what is its plain value, and what does it call?"""
