create table `tabJob Card` (name, work_order, production_item, workstation, posting_date, docstatus);
create table `tabJob Card Time Log` (name, parent, modified, from_time, to_time, completed_qty);
insert into `tabJob Card` values ('PO-JOB00001', 'MFG-WO-2026-00011', 'DOOR-OUTER-LH', 'Press 1', '2026-01-05', 1);
insert into `tabJob Card` values ('PO-JOB00002', 'MFG-WO-2026-00012', 'DOOR-OUTER-LH', 'Press 2', '2026-01-05', 1);
insert into `tabJob Card` values ('PO-JOB00003', 'MFG-WO-2026-00013', 'DOOR-OUTER-LH', 'Press 1', '2026-01-05', 0);
insert into `tabJob Card Time Log` values ('a', 'PO-JOB00001', '2026-01-05 16:05:00', '2026-01-05 08:00:00', '2026-01-05 16:00:00', 410);
insert into `tabJob Card Time Log` values ('b', 'PO-JOB00002', '2026-01-05 16:07:00', '2026-01-05 08:00:00', '2026-01-05 16:00:00', 385);
insert into `tabJob Card Time Log` values ('c', 'PO-JOB00001', '2026-01-06 00:03:00', '2026-01-05 16:00:00', '2026-01-06 00:00:00', 402);
insert into `tabJob Card Time Log` values ('d', 'PO-JOB00003', '2026-01-06 00:04:00', '2026-01-05 16:00:00', '2026-01-06 00:00:00', 9);
